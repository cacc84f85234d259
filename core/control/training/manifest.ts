/** In the weights' folder, written last: which files there are, their sizes and their SHA-256, and where the model comes from. */
export const MODEL_MANIFEST = "MANIFEST.json";
