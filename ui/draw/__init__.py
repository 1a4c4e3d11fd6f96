"""The sections of the Draw page. They know nothing of the other pages' sections."""
