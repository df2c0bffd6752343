"""The named building blocks that flows use, and what each declares that it takes."""
