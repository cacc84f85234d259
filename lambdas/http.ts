// hono/aws-lambda is to move into a package of its own, which is not published yet: nothing else imports it.
// oxlint-disable-next-line typescript/no-deprecated -- see above
export { handle } from "hono/aws-lambda";
