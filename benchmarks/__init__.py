"""How fast is it, how was that measured, and against what?"""
