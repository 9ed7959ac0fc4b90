// seahorse build writes this file, from programs_py/my_program.py.
