"""Solana: connections, transactions, accounts and deployment. Knows no program of this package."""
