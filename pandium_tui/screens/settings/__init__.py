"""The page of Connection Settings: the form of ``configs``, filled in by a person."""
