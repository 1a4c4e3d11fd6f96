"""Why it answered so: attributions, feature maps, embeddings, projections."""
