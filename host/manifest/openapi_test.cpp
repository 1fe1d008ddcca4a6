// OpenAPI 3: a description of a pet shop, and the requests that come out of it.
#include "manifest/openapi.hpp"

#include <gtest/gtest.h>

#include "json/text.hpp"

namespace sluice::manifest {
namespace {

constexpr std::string_view pet_shop = R"json({
  "openapi": "3.0.3",
  "info": {"title": "Pet shop", "version": "1"},
  "servers": [{
    "url": "https://{region}.pets.example/{version}/",
    "variables": {"region": {"default": "eu"}, "version": {"default": "v2"}}
  }],
  "paths": {
    "/pets": {
      "parameters": [{"$ref": "#/components/parameters/Trace"}],
      "get": {
        "operationId": "listPets",
        "parameters": [
          {"name": "limit", "in": "query", "schema": {"type": "integer"}},
          {"name": "tags", "in": "query", "schema": {"type": "array"}},
          {"name": "ids", "in": "query", "explode": false, "schema": {"type": "array"}},
          {"name": "sizes", "in": "query", "style": "pipeDelimited", "schema": {"type": "array"}},
          {"name": "words", "in": "query", "style": "spaceDelimited", "schema": {"type": "array"}},
          {"name": "filter", "in": "query", "style": "deepObject", "schema": {"type": "object"}},
          {"name": "page", "in": "query", "schema": {"type": "object"}},
          {"name": "where", "in": "query", "content": {"application/json": {}}},
          {"name": "back", "in": "query", "allowReserved": true, "schema": {"type": "string"}},
          {"name": "session", "in": "cookie", "schema": {"type": "string"}},
          {"name": "theme", "in": "cookie", "schema": {"type": "string"}}
        ]
      },
      "post": {"operationId": "addPet", "requestBody": {"$ref": "#/components/requestBodies/Pet"}}
    },
    "/pets/{petId}": {
      "parameters": [{"name": "petId", "in": "path", "required": true}],
      "get": {"operationId": "getPet"},
      "put": {
        "operationId": "updatePet",
        "servers": [{"url": "/write"}],
        "parameters": [{"name": "If-Match", "in": "header", "required": true}],
        "requestBody": {"required": true, "content": {"application/merge-patch+json": {}}}
      }
    },
    "/pets/{petId}/colours/{colours}/{grid}/{shape}": {
      "get": {
        "operationId": "paintPet",
        "parameters": [
          {"name": "petId", "in": "path"},
          {"name": "colours", "in": "path", "style": "simple"},
          {"name": "grid", "in": "path", "style": "label", "explode": true},
          {"name": "shape", "in": "path", "style": "matrix", "explode": true}
        ]
      }
    },
    "/login": {
      "post": {
        "operationId": "logIn",
        "requestBody": {"content": {"application/x-www-form-urlencoded": {}}}
      }
    },
    "/photos": {
      "post": {"operationId": "addPhoto", "requestBody": {"content": {"multipart/form-data": {}}}}
    },
    "/loop": {
      "get": {"operationId": "loop", "parameters": [{"$ref": "#/components/parameters/Loop"}]}
    },
    "/far": {
      "get": {"operationId": "far", "parameters": [{"$ref": "common.json#/Far"}]}
    }
  },
  "components": {
    "parameters": {
      "Trace": {"name": "X-Trace", "in": "header", "schema": {"type": "string"}},
      "Loop": {"$ref": "#/components/parameters/Loop"}
    },
    "requestBodies": {"Pet": {"content": {"text/plain": {}, "application/json": {}}}}
  }
})json";

base::result<openapi_request> asked(std::string_view operation, std::string_view parameters,
                                    const openapi_options& options = {}) {
    const base::result<openapi> read = openapi::read(json::parse(pet_shop).value());
    return read->request(operation, json::parse(parameters).value(), options);
}

openapi_request request(std::string_view operation, std::string_view parameters,
                        const openapi_options& options = {}) {
    base::result<openapi_request> made = asked(operation, parameters, options);
    EXPECT_TRUE(made) << made.error_value().to_text();
    return made ? std::move(*made) : openapi_request();
}

std::string problem(std::string_view operation, std::string_view parameters) {
    const base::result<openapi_request> made = asked(operation, parameters);
    return made ? "" : made.error_value().to_text();
}

std::string query_of(std::string_view parameters) {
    const std::string url = request("listPets", parameters).url;
    return url.substr(std::string("https://eu.pets.example/v2/pets").size());
}

TEST(openapi, lists_operations_in_order) {
    const auto read = openapi::read(json::parse(pet_shop).value());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->operation_ids(),
              (std::vector<std::string>{"listPets", "addPet", "getPet", "updatePet", "paintPet",
                                        "logIn", "addPhoto", "loop", "far"}));
}

TEST(openapi, fills_in_server_and_path) {
    const openapi_request made = request("getPet", R"({"petId": "a b/ä?"})");
    EXPECT_EQ(made.method, "GET");
    EXPECT_EQ(made.url, "https://eu.pets.example/v2/pets/a%20b%2F%C3%A4%3F");
    EXPECT_TRUE(made.headers.empty());
    EXPECT_EQ(made.content_type, "");
    EXPECT_EQ(request("getPet", R"({"petId": 9007199254740993})",
                      {.document_url = "", .server_variables = {{"region", "us"}}})
                  .url,
              "https://us.pets.example/v2/pets/9007199254740993");
}

TEST(openapi, takes_the_nearest_server_and_resolves_it) {
    constexpr std::string_view given = R"({"petId": 1, "If-Match": "x", "body": {}})";
    EXPECT_EQ(request("updatePet", given).url, "/write/pets/1");
    EXPECT_EQ(
        request("updatePet", given,
                {.document_url = "https://docs.example:8443/a/api.json", .server_variables = {}})
            .url,
        "https://docs.example:8443/write/pets/1");
}

TEST(openapi, writes_queries_in_every_style) {
    EXPECT_EQ(query_of(R"({"limit": 10})"), "?limit=10");
    EXPECT_EQ(query_of(R"({"tags": ["a&b", "c"]})"), "?tags=a%26b&tags=c");
    EXPECT_EQ(query_of(R"({"ids": [1, 2]})"), "?ids=1,2");
    EXPECT_EQ(query_of(R"({"sizes": ["s", "m"]})"), "?sizes=s%7Cm");
    EXPECT_EQ(query_of(R"({"words": ["s", "m"]})"), "?words=s%20m");
    EXPECT_EQ(query_of(R"({"filter": {"colour": "red", "age": {"min": 1}}})"),
              "?filter%5Bcolour%5D=red&filter%5Bage%5D%5Bmin%5D=1");
    EXPECT_EQ(query_of(R"({"page": {"from": 1, "to": 2}})"), "?from=1&to=2");
    EXPECT_EQ(query_of(R"({"where": {"a": [1]}})"), "?where=%7B%22a%22%3A%5B1%5D%7D");
    EXPECT_EQ(query_of(R"({"back": "https://a/?b=c&d#e"})"), "?back=https://a/?b=c%26d%23e");
    EXPECT_EQ(query_of(R"({"limit": null})"), "");
}

TEST(openapi, writes_paths_in_every_style) {
    EXPECT_EQ(request("paintPet", R"({"petId": 1, "colours": ["r/d", "b"], "grid": [1, 2],
                                      "shape": {"x": 1, "y": 2}})")
                  .url,
              "https://eu.pets.example/v2/pets/1/colours/r%2Fd,b/.1.2/;x=1;y=2");
}

TEST(openapi, writes_headers_and_cookies) {
    using pairs = std::vector<std::pair<std::string, std::string>>;
    EXPECT_EQ(
        request("listPets", R"({"X-Trace": "a b", "session": "s;1", "theme": "dark"})").headers,
        (pairs{{"X-Trace", "a b"}, {"Cookie", "session=s%3B1; theme=dark"}}));
}

TEST(openapi, takes_the_body_whole_or_by_its_members) {
    const openapi_request whole = request("addPet", R"({"body": [1, 2]})");
    EXPECT_EQ(whole.method, "POST");
    EXPECT_EQ(whole.content_type, "application/json");
    EXPECT_EQ(whole.body, "[1,2]");
    const openapi_request members =
        request("addPet", R"({"name": "Rex", "X-Trace": "t", "age": 3})");
    EXPECT_EQ(members.body, R"({"name":"Rex","age":3})");
    EXPECT_EQ(members.headers.size(), 1u);
    EXPECT_EQ(request("addPet", "null").content_type, "");
    EXPECT_EQ(request("updatePet", R"({"petId": 1, "If-Match": "x", "name": "Rex"})").content_type,
              "application/merge-patch+json");
}

TEST(openapi, writes_forms) {
    const openapi_request made = request("logIn", R"({"user": "a&b", "roles": ["x", "y"]})");
    EXPECT_EQ(made.content_type, "application/x-www-form-urlencoded");
    EXPECT_EQ(made.body, "user=a%26b&roles=x&roles=y");
}

TEST(openapi, says_what_is_missing_and_what_there_is) {
    EXPECT_EQ(problem("updatePet", "{}"),
              "operation \"updatePet\": needs petId (path), If-Match (header), body (body)"
              " (it has petId (path), If-Match (header), body (body))");
    EXPECT_EQ(problem("getPets", "{}"),
              "the API description has no operation \"getPets\" (did you mean \"getPet\"?)");
    EXPECT_EQ(problem("listPets", R"({"limits": 1})"),
              "operation \"listPets\": has no parameter \"limits\" (did you mean \"limit\"?)");
    EXPECT_EQ(problem("addPet", R"({"body": {}, "X-Tracer": 1})"),
              "operation \"addPet\": has no parameter \"X-Tracer\" (did you mean \"X-Trace\"?)");
    EXPECT_EQ(problem("addPet", "3"), "operation \"addPet\": its parameters must be an object");
}

TEST(openapi, refuses_what_would_reach_something_else) {
    for (const std::string_view id : {R"("..")", R"(".")", R"("")"}) {
        EXPECT_NE(problem("getPet", R"({"petId": )" + std::string(id) + "}"), "") << id;
    }
    EXPECT_EQ(problem("listPets", R"({"X-Trace": "a\r\nHost: b"})"),
              "operation \"listPets\": the header \"X-Trace\" must not have control characters");
}

TEST(openapi, refuses_references_it_cannot_follow) {
    EXPECT_EQ(problem("loop", "{}"),
              "operation \"loop\": references lead in a circle: \"#/components/parameters/Loop\"");
    EXPECT_EQ(problem("far", "{}"),
              "operation \"far\": the reference \"common.json#/Far\" leaves the description"
              " (other documents are not loaded)");
}

TEST(openapi, refuses_bodies_it_cannot_make) {
    const auto made = asked("addPhoto", R"({"body": {}})");
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error_value().code, base::error_code::unsupported);
    EXPECT_EQ(made.error_value().message,
              "operation \"addPhoto\": a body of type multipart/form-data cannot be made");
}

TEST(openapi, refuses_what_is_no_description) {
    EXPECT_FALSE(openapi::read(json::parse(R"({"openapi": "2.0"})").value()));
    EXPECT_FALSE(openapi::read(json::value("text")));
    EXPECT_TRUE(openapi::read(json::parse(R"({"openapi": "3.1.0", "paths": 3})").value()));
}

}  // namespace
}  // namespace sluice::manifest
