"""The named building blocks of the flows: guards, actions, sources, roles, and the request as a subject."""
