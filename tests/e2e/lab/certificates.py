"""Certificates for TLS tests, made with the openssl command."""

import os
import subprocess


class Authority:
    """Signs certificates into a folder. Its own is `certificate`."""

    def __init__(self, folder, name="ca"):
        self.folder = folder
        self.name = name
        self.certificate = self.path(f"{name}.pem")
        self.openssl("req", "-x509", *self.new_key(name), "-subj", f"/CN={name} of a test", "-days", "3650",
                     "-addext", "keyUsage=critical,keyCertSign", "-out", self.certificate)

    def path(self, name):
        return os.path.join(self.folder, name)

    def new_key(self, name):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.path(f"{name}.key")]

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True, timeout=20)

    def issue(self, name, alternatives="DNS:localhost,IP:127.0.0.1", days=30):
        """`{"certificate": FILE, "key": FILE}`. An existing one of this name is replaced. Below 0 days: expired."""
        files = {"certificate": self.path(f"{name}.pem"), "key": self.path(f"{name}.key")}
        with open(self.path(f"{name}.ext"), "w", encoding="ascii") as file:
            file.write(f"subjectAltName={alternatives}\n")
        self.openssl("req", *self.new_key(name), "-subj", f"/CN={name}", "-out", f"{name}.csr")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", self.certificate, "-CAkey", f"{self.name}.key",
                     "-CAcreateserial", "-days", str(days), "-extfile", f"{name}.ext", "-out", files["certificate"])
        return files
