"""Images beside one another: which are alike, and in what they differ."""
