# tuspy sends a file. Arguments: endpoint, file. It prints the seconds it took. It sends one part after the other.
import os
import sys
import time

from tusclient.client import TusClient

endpoint, file = sys.argv[1:3]
start = time.monotonic()
client = TusClient(endpoint, headers={"Authorization": os.environ["AUTHORIZATION"]})
client.uploader(file, chunk_size=8 * 2**20).upload()
print(time.monotonic() - start)
