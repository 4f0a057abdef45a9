"""What `nas.preparing` leaves, as data sets read it."""
