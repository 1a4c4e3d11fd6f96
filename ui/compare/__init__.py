"""The sections of the Compare page. They know nothing of the other pages' sections."""
