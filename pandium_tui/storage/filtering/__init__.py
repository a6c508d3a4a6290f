"""The small query language of the lists: ``phase:failed tenant:acme* since:2d -word``.

``language`` reads the text, ``kinds`` knows what a value means, ``filters`` joins both into conditions (SQL, or on
records in memory), ``lists`` names the fields of the lists that the store reads.
"""
