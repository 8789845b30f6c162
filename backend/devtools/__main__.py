import sys

from backend.devtools.commands import main

sys.exit(main(sys.argv[1:]))
