"""Work in the background: what is deferred, who sends the mail, what happens as days go by."""
