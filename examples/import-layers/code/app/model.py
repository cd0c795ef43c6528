"""What is kept: knows nothing of the rest."""


class Order:
    def __init__(self, lines):
        self.lines = lines
