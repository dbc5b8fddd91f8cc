"""The same works done by vmatcore and by its peers, checked, timed side by side.

Run `python -m benches.peers`. A work is a module `work_NAME.py` that holds one `WORK`; its
contenders are the modules `NAME_*.py`, each with a tuple `CONTENDERS`. The runner finds both by
their names, so a new work or contender is a new file and nothing else.
"""
