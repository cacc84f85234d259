import type { KindId } from "../config/kind-ids.ts";

/**
 * The menu of bug kinds: one general complaint and fifty directions (the list of directions is SERA's, arXiv 2601.20789;
 * the words are ours). A text is vague on purpose: it names a place and a suspicion, never a defect, so that the agent
 * has to find something worth changing. `{function}` and `{path}` are filled in by complaint.ts.
 */
export interface BugKind {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

export const MENU: readonly (BugKind & { readonly id: KindId })[] = [
  {
    id: "general",
    title: "Something is wrong",
    text: "Something is wrong around `{function}` in `{path}`. It does not behave the way its users expect.",
  },
  {
    id: "resource-lifecycle",
    title: "Resource lifecycle",
    text: "Around `{function}` in `{path}`, something that is acquired does not seem to be given back on every way out.",
  },
  {
    id: "validation",
    title: "Validation and types",
    text: "`{function}` in `{path}` seems to take values of a kind that it should turn away, or to turn away values that it should take.",
  },
  {
    id: "error-handling",
    title: "Error handling",
    text: "When something fails near `{function}` in `{path}`, the failure is hidden, blurred or reported as something else.",
  },
  {
    id: "state-consistency",
    title: "State consistency",
    text: "After `{function}` in `{path}` has run, parts of the state that belong together do not always agree with each other.",
  },
  {
    id: "configuration",
    title: "Configuration and initialisation",
    text: "A setting that ought to matter to `{function}` in `{path}` is ignored, read too late, or has a default that surprises.",
  },
  {
    id: "concurrency",
    title: "Concurrency",
    text: "With several callers at once, `{function}` in `{path}` gives results that it never gives to one caller alone.",
  },
  {
    id: "api-contract",
    title: "API contracts",
    text: "What `{function}` in `{path}` promises to its callers and what it really does are not quite the same thing.",
  },
  {
    id: "performance",
    title: "Performance",
    text: "`{function}` in `{path}` does noticeably more work than its task calls for, and it shows on larger inputs.",
  },
  {
    id: "dependencies",
    title: "Dependencies",
    text: "`{function}` in `{path}` relies on another part or a library in a way which that part does not really support.",
  },
  {
    id: "control-flow",
    title: "Control flow",
    text: "On some way through `{function}` in `{path}`, the wrong branch is taken, or a step is skipped or done twice.",
  },
  {
    id: "data-transformation",
    title: "Data transformation",
    text: "Data that passes through `{function}` in `{path}` does not always come out as what went in would suggest.",
  },
  {
    id: "asynchrony",
    title: "Asynchronous behaviour",
    text: "Something around `{function}` in `{path}` is not waited for, or goes on although nobody waits for it any more.",
  },
  {
    id: "edge-cases",
    title: "Edge cases",
    text: "`{function}` in `{path}` is fine for ordinary input, and odd for input that is empty, very large or just at a limit.",
  },
  {
    id: "documentation",
    title: "Maintainability and documentation",
    text: "Whoever has to change `{function}` in `{path}` is led astray: what is written about it and what it does have drifted apart.",
  },
  {
    id: "security",
    title: "Security",
    text: "`{function}` in `{path}` trusts something that it should not trust, or shows more than it should.",
  },
  {
    id: "modularity",
    title: "Modularity",
    text: "`{function}` in `{path}` does things that belong elsewhere, and this gets in the way of its actual task.",
  },
  {
    id: "observability",
    title: "Testing and observability",
    text: "When `{function}` in `{path}` goes wrong, neither its results nor its messages let anyone tell what happened.",
  },
  {
    id: "platform-compatibility",
    title: "Platform compatibility",
    text: "`{function}` in `{path}` works on the machine that it was written on and misbehaves on others.",
  },
  {
    id: "business-logic",
    title: "Business logic",
    text: "A rule that `{function}` in `{path}` is meant to apply is applied to the wrong cases, or not quite as intended.",
  },
  {
    id: "failure-recovery",
    title: "Failure recovery",
    text: "After a failure part of the way through `{function}` in `{path}`, things do not get back to a state that one can go on from.",
  },
  {
    id: "scalability",
    title: "Scalability",
    text: "`{function}` in `{path}` does well with a handful of items and badly once there are very many.",
  },
  {
    id: "conventions",
    title: "Conventions",
    text: "`{function}` in `{path}` does something differently from the rest of the project, and users trip over the difference.",
  },
  {
    id: "complexity",
    title: "Complexity",
    text: "The logic in and around `{function}` in `{path}` is more tangled than its task requires, and a mistake is hiding in it.",
  },
  {
    id: "integration",
    title: "Component integration",
    text: "`{function}` in `{path}` and the parts that it works with have different ideas of what passes between them.",
  },
  {
    id: "missing-functionality",
    title: "Missing functionality",
    text: "A case that one would expect `{function}` in `{path}` to cover is not covered at all, or only half.",
  },
  {
    id: "determinism",
    title: "Determinism",
    text: "The same call of `{function}` in `{path}` does not always give the same answer, although nothing that should matter has changed.",
  },
  {
    id: "preconditions",
    title: "Preconditions",
    text: "`{function}` in `{path}` takes for granted something that is not always true at the moment when it is called.",
  },
  {
    id: "side-effects",
    title: "Side effects",
    text: "A call of `{function}` in `{path}` changes something that its caller did not ask to have changed.",
  },
  {
    id: "abstraction",
    title: "Abstraction",
    text: "Details that `{function}` in `{path}` ought to hide leak out, and callers have begun to suffer from them.",
  },
  {
    id: "duplication",
    title: "Duplication",
    text: "What `{function}` in `{path}` does is also done in another place, and the two no longer do it alike.",
  },
  {
    id: "initialisation-order",
    title: "Initialisation order",
    text: "`{function}` in `{path}` can run before something that it needs is ready, and then behaves strangely.",
  },
  {
    id: "algorithm",
    title: "Algorithms",
    text: "The method by which `{function}` in `{path}` gets to its result does not hold for every input that it may be given.",
  },
  {
    id: "output-correctness",
    title: "Output correctness",
    text: "What `{function}` in `{path}` gives back looks plausible, but on a closer look it is not quite correct.",
  },
  {
    id: "coupling",
    title: "Coupling",
    text: "`{function}` in `{path}` depends on inner workings of another part, so that a harmless change there breaks things here.",
  },
  {
    id: "naming",
    title: "Naming",
    text: "Names in and around `{function}` in `{path}` say one thing and mean another, and somebody has already used one wrongly.",
  },
  {
    id: "readability",
    title: "Readability",
    text: "`{function}` in `{path}` is hard to follow at one spot, and what happens there is not what a reader would conclude.",
  },
  {
    id: "testability",
    title: "Design for testing",
    text: "`{function}` in `{path}` can hardly be tried out by itself, and that is why a flaw in it has gone unnoticed.",
  },
  {
    id: "backward-compatibility",
    title: "Backward compatibility",
    text: "Callers or data from earlier versions do not get on with `{function}` in `{path}` as well as they should.",
  },
  {
    id: "invariants",
    title: "Invariants",
    text: "A property that should hold both before and after `{function}` in `{path}` runs can be lost on the way.",
  },
  {
    id: "responsibility",
    title: "Ownership of responsibility",
    text: "It is unclear whether `{function}` in `{path}` or somebody else has to see to a certain matter, and so nobody does.",
  },
  {
    id: "parameterisation",
    title: "Parameterisation",
    text: "A value that is fixed in or near `{function}` in `{path}` should depend on something, or a parameter has less effect than it should.",
  },
  {
    id: "transactions",
    title: "Transactions",
    text: "Steps around `{function}` in `{path}` that should happen together or not at all can come apart.",
  },
  {
    id: "resource-efficiency",
    title: "Resource efficiency",
    text: "`{function}` in `{path}` holds on to more memory, files or connections, or for longer, than its task calls for.",
  },
  {
    id: "environment",
    title: "Environment awareness",
    text: "`{function}` in `{path}` makes assumptions about its surroundings, such as paths, locale, clock or variables, that need not hold.",
  },
  {
    id: "composability",
    title: "Composability",
    text: "Used by itself `{function}` in `{path}` is fine; combined with other parts of the project it gives surprising results.",
  },
  {
    id: "temporal-behaviour",
    title: "Temporal behaviour",
    text: "Something in `{function}` in `{path}` goes wrong with the order or the time of events: too early, too late, or out of date.",
  },
  {
    id: "idempotency",
    title: "Idempotency",
    text: "Doing what `{function}` in `{path}` does a second time has an effect that it should not have.",
  },
  {
    id: "null-safety",
    title: "Null safety",
    text: "Where a value is absent, `{function}` in `{path}` either stumbles or quietly goes on with something meaningless.",
  },
  {
    id: "object-lifetime",
    title: "Object lifetime",
    text: "Something that `{function}` in `{path}` works with is used after its time, or is kept when it should be gone.",
  },
  {
    id: "data-flow",
    title: "Input, output and data flow",
    text: "On the way into or out of `{function}` in `{path}`, something gets lost, mixed up or left in the wrong place.",
  },
];
