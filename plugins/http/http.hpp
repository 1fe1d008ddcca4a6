// Any HTTP API with a connection, and the proof that a webhook's request is genuine.
#pragma once

#include <sluice/connector.hpp>

namespace sluice::http {

class connector {
  public:
    explicit connector(host&) {}

    // request.cpp
    task<json> request(context& call, const json& input);
    task<json> test_connection(context& call, const json& input);

    // pages.cpp
    task<json> list_pages(context& call, const json& input);

    // files.cpp
    task<json> download_file(context& call, const json& input);
    task<json> upload_file(context& call, const json& input);

    // verify.cpp
    task<json> verify_hmac(context& call, const json& input);
    task<json> verify_bearer(context& call, const json& input);
    task<json> verify_basic(context& call, const json& input);
};

}  // namespace sluice::http
