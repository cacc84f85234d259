export { createTenantLambdaProvider, type TenantLambdaOptions } from "./provider.ts";
