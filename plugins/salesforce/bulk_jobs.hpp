// Jobs of Bulk API 2.0.
#pragma once

#include <sluice/connector.hpp>
#include <string>

#include "api.hpp"

namespace sluice::salesforce {

// "/jobs/ingest" or "/jobs/query".
url jobs_address(const api& salesforce, std::string_view kind);
// The job that the input's "job" names, of the input's "kind" ("ingest" when it says none).
url job_address(const api& salesforce, const json& input);

// Nothing changes any more: JobComplete, Failed, Aborted.
bool has_ended(const json& job);

// Reads "lineEnding" (LF or CRLF) and "columnDelimiter" into the description of a new job.
void set_csv_format(json& job, const json& input);

// A file that Salesforce answers with, streamed into a blob.
task<http_response> fetch_file(const api& salesforce, std::string address);

}  // namespace sluice::salesforce
