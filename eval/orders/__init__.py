"""Sentences that give orders to a language model, and how the reader learns to tell them."""
