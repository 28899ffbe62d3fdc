"""Real servers, weir itself and clients that see exact bytes: what the end-to-end tests are made of."""
