"""Pictures that people's papers, forms and telephones make, made by a program, and how they are read."""
