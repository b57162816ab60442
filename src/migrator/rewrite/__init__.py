"""From changes to new text, in one walk over those statements that change."""
