"""Who may do what: accounts, sessions, rights, mandates, and the audit of every write."""
