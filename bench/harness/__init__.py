"""What bench/run is made of: servers of a run, load, accounting, tables, charts."""
