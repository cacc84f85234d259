import * as z from "zod";

/** RFC 9457, with serac's code and hint. */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: "`urn:serac:` and the code." }),
    title: z.string().meta({ description: "The HTTP status in words." }),
    status: z.int(),
    detail: z.string().meta({ description: "What is wrong, for a person." }),
    code: z.string().meta({ description: "Stable, for programs." }),
    hint: z.string().optional().meta({ description: "What can be done about it." }),
    errors: z
      .array(z.object({ key: z.string(), message: z.string() }))
      .readonly()
      .optional()
      .meta({ description: "Every mistake in what was sent, by its key." }),
    requestId: z.string().meta({ description: "The operator finds the request by it." }),
  })
  .meta({
    id: "Problem",
    example: {
      type: "urn:serac:config_invalid",
      title: "Unprocessable Content",
      status: 422,
      detail: "config.teacher.modle is no known key; did you mean teacher.model?",
      code: "config_invalid",
      errors: [{ key: "config.teacher.modle", message: "teacher.modle is no known key; did you mean teacher.model?" }],
      requestId: "req_8Zk1hPq3mVtX0bYcR5sWn7aD",
    },
  });

export type ProblemBody = z.infer<typeof problemSchema>;
