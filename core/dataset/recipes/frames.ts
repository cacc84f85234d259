/**
 * The rows of the text formats hold whole contents, tools and calls in them, so that a template has nothing to do but to frame them as
 * core/dataset/formats/text-message.ts does. A template of the base's own would render tools and thoughts a second time.
 */
export const FRAMES =
  "{% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/** The same text; what is trained on stands between the marks that transformers looks for. */
export const MARKED_FRAMES =
  "{% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' }}{% if message.train %}{% generation %}{{ message.content + '<|im_end|>' }}{% endgeneration %}{% else %}{{ message.content + '<|im_end|>' }}{% endif %}{{ '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
