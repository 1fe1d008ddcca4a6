// What is to be applied, as text: integrations, instances, customers and the organization, in any
// order.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "manifest/connector_catalog.hpp"
#include "manifest/instance_file.hpp"
#include "manifest/integration.hpp"
#include "manifest/owner_file.hpp"

namespace sluice::instance {

struct document {
    std::string name;  // path of the file that it stood in; for messages
    std::string text;
};

// Where a relative `{ $file: path }` leads to.
enum class file_references {
    beside_the_document,  // its name is the path of a file here
    absolute_only,        // it came from another machine, or another folder
};

struct read_documents {
    std::map<std::string, std::shared_ptr<const manifest::integration>> integrations;  // by id
    std::vector<manifest::instance_file> instances;      // their documents complete
    std::map<std::string, manifest::owner_file> owners;  // by id (owner_id.hpp); the same
    std::vector<base::error> problems;                   // all of them, each with its place
    std::vector<base::error> warnings;
};

// Reads and checks each for itself. Any thread; blocks (paths are made absolute).
// `connectors` are those that are here, for warnings about calls that cannot work; null: not looked
// at. An integration that names others, too, is left alone.
read_documents read(const std::vector<document>& documents, file_references files,
                    const manifest::connector_catalog* connectors = nullptr);

// The files as documents, or the problems of those that cannot be read. Blocks.
std::vector<document> documents_of(const std::vector<std::filesystem::path>& files,
                                   std::vector<base::error>& problems);

}  // namespace sluice::instance
