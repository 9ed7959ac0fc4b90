"""Bills of an energy community: what each member pays and gets for a period, as documents and as data."""
