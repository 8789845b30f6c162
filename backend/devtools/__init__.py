"""What stands behind `./dev`: servers without installation, and the commands that run on them."""
