"""The sections of the Train page. They know nothing of the other pages' sections."""
