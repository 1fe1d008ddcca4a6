// The keys that wrap the keys of all instances. They come from outside and are never stored.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "manifest/instance_file.hpp"

namespace sluice::instance {

// Where they come from: exactly one of these is given.
struct master_key_source {
    std::filesystem::path file;        // readable by its owner alone
    std::string variable;              // an environment variable
    std::vector<std::string> command;  // a program and its arguments; its standard output is taken
};

// Newest first: that one wraps what is written from now on, the others only open.
class master_keys {
  public:
    // One key in each line, 32 bytes in base64; lines that are empty or begin with "#" do not
    // count. `where` is for messages, which never repeat the text.
    static base::result<master_keys> parse(const base::secret& text, const std::string& where);

    const std::string& newest_id() const { return keys_.front().first; }
    const base::secret& newest() const { return keys_.front().second; }
    // Null when it is not among them.
    const base::secret* find(std::string_view id) const;
    // Of all of them, for messages.
    std::string ids() const;

  private:
    std::vector<std::pair<std::string, base::secret>> keys_;
};

// Tells one key from another without telling anything about it: 16 hexadecimal digits.
std::string master_key_id(const base::secret& key);

// Blocks: reads the file, or runs the command for up to a minute.
base::result<master_keys> read_master_keys(const master_key_source& from,
                                           const manifest::environment& lookup);

// Writes a new key into a new file that only its owner can read (mode 0400). An error when the file
// is there: keys are never replaced.
base::result<void> create_master_key(const std::filesystem::path& file,
                                     base::random_source& random);

}  // namespace sluice::instance
