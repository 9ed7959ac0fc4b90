"""Commands of issuers and meters."""
