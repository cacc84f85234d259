/** On everything; the budget counts what carries it. */
export const DEPLOYMENT_TAG = "serac-deployment";
