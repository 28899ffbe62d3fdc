#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <openssl/types.h>

namespace weir::lab {

/// A folder that goes with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string file(const std::string& name) const { return (path_ / name).string(); }
  /// Writes a file and returns its whole name.
  std::string write(const std::string& name, const std::string& content) const;

 private:
  std::filesystem::path path_;
};

/// Names of PEM files.
struct CertificateFiles {
  std::string certificate;
  std::string key;
};

/// Signs certificates for tests, as files in a folder. Its own certificate is `NAME.pem`.
class Authority {
 public:
  explicit Authority(const TemporaryFolder& folder, const std::string& name = "ca");

  const std::string& certificate() const { return certificate_file_; }
  /// `NAME.pem` and `NAME.key`. `alternatives` as in openssl.cnf: `DNS:localhost,IP:127.0.0.1`.
  CertificateFiles issue(const std::string& name, const std::string& alternatives, int days_from = -1,
                         int days_to = 30) const;

 private:
  const TemporaryFolder& folder_;
  std::shared_ptr<EVP_PKEY> key_;
  std::shared_ptr<X509> certificate_;
  std::string certificate_file_;
};

}  // namespace weir::lab
