// Files of integrations, instances, customers and the organization, as the admin API takes them.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "instance/documents.hpp"

namespace sluice::cli {

// The files that are meant: files, patterns ("flows/*/instances/*.yaml") and folders. Of a folder
// all that is below it and is one of these, but for folders named "tests". Each once. An error:
// nothing is there, or it cannot be read.
base::result<std::vector<instance::document>> document_files(const std::vector<std::string>& named);

// The text of an instance or an owner with each relative `{ $file: path }` made absolute, in its
// place: the host knows nothing of the folder. Other texts are given back as they are; what is
// wrong with them the host says.
base::result<std::string> with_absolute_paths(const instance::document& one);

}  // namespace sluice::cli
