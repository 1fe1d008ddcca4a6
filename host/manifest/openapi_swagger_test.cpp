// Swagger 2.0: what is written otherwise than in OpenAPI 3.
#include <gtest/gtest.h>

#include "json/text.hpp"
#include "manifest/openapi.hpp"

namespace sluice::manifest {
namespace {

constexpr std::string_view pet_shop = R"json({
  "swagger": "2.0",
  "host": "pets.example",
  "basePath": "/v2",
  "schemes": ["http", "https"],
  "consumes": ["application/json"],
  "paths": {
    "/pets": {
      "get": {
        "operationId": "listPets",
        "schemes": ["http"],
        "parameters": [
          {"name": "tags", "in": "query", "type": "array"},
          {"name": "status", "in": "query", "type": "array", "collectionFormat": "multi"},
          {"name": "sizes", "in": "query", "type": "array", "collectionFormat": "pipes"},
          {"name": "words", "in": "query", "type": "array", "collectionFormat": "ssv"},
          {"name": "columns", "in": "query", "type": "array", "collectionFormat": "tsv"},
          {"name": "X-Ids", "in": "header", "type": "array"}
        ]
      },
      "post": {
        "operationId": "addPet",
        "parameters": [
          {"name": "pet", "in": "body", "required": true, "schema": {"$ref": "#/definitions/Pet"}}
        ]
      }
    },
    "/pets/{petId}": {
      "post": {
        "operationId": "renamePet",
        "consumes": ["application/x-www-form-urlencoded"],
        "parameters": [
          {"name": "petId", "in": "path", "required": true, "type": "integer"},
          {"name": "name", "in": "formData", "required": true, "type": "string"},
          {"name": "tags", "in": "formData", "type": "array"}
        ]
      }
    },
    "/pets/{petId}/photo": {
      "post": {
        "operationId": "addPhoto",
        "consumes": ["multipart/form-data"],
        "parameters": [
          {"name": "petId", "in": "path", "required": true, "type": "integer"},
          {"name": "file", "in": "formData", "type": "file"}
        ]
      }
    }
  },
  "definitions": {"Pet": {"type": "object"}}
})json";

base::result<openapi_request> asked(std::string_view operation, std::string_view parameters) {
    const base::result<openapi> read = openapi::read(json::parse(pet_shop).value());
    return read->request(operation, json::parse(parameters).value());
}

openapi_request request(std::string_view operation, std::string_view parameters) {
    base::result<openapi_request> made = asked(operation, parameters);
    EXPECT_TRUE(made) << made.error_value().to_text();
    return made ? std::move(*made) : openapi_request();
}

TEST(openapi_swagger, puts_the_address_together) {
    EXPECT_EQ(request("listPets", "{}").url, "http://pets.example/v2/pets");
    EXPECT_EQ(request("renamePet", R"({"petId": 7, "name": "Rex"})").url,
              "https://pets.example/v2/pets/7");
}

TEST(openapi_swagger, makes_the_best_of_a_description_without_host) {
    json::value document = json::parse(pet_shop).value();
    document.erase("host");
    const base::result<openapi> read = openapi::read(document);
    EXPECT_EQ(read->request("listPets", nullptr)->url, "/v2/pets");
    EXPECT_EQ(
        read->request("listPets", nullptr,
                      {.document_url = "https://docs.example/swagger.json", .server_variables = {}})
            ->url,
        "https://docs.example/v2/pets");
}

TEST(openapi_swagger, writes_lists_in_every_format) {
    const openapi_request made = request("listPets", R"({
        "tags": ["a,b", "c"], "status": ["new", "sold"], "sizes": [1, 2], "words": ["x", "y"],
        "columns": ["k", "l"], "X-Ids": [1, 2]})");
    EXPECT_EQ(made.url,
              "http://pets.example/v2/pets?tags=a%2Cb,c&status=new&status=sold&sizes=1%7C2"
              "&words=x%20y&columns=k%09l");
    ASSERT_EQ(made.headers.size(), 1u);
    EXPECT_EQ(made.headers[0].second, "1,2");
}

TEST(openapi_swagger, takes_the_body_by_its_name_or_its_members) {
    EXPECT_EQ(request("addPet", R"({"pet": {"name": "Rex"}})").body, R"({"name":"Rex"})");
    EXPECT_EQ(request("addPet", R"({"name": "Rex"})").body, R"({"name":"Rex"})");
    EXPECT_EQ(request("addPet", R"({"name": "Rex"})").content_type, "application/json");
    const auto none = asked("addPet", "{}");
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error_value().message, "operation \"addPet\": needs pet (body)");
}

TEST(openapi_swagger, writes_forms) {
    const openapi_request made =
        request("renamePet", R"({"petId": 7, "name": "R&x", "tags": ["a", "b"]})");
    EXPECT_EQ(made.content_type, "application/x-www-form-urlencoded");
    EXPECT_EQ(made.body, "name=R%26x&tags=a,b");
    EXPECT_EQ(asked("renamePet", R"({"petId": 7})").error_value().message,
              "operation \"renamePet\": needs name (formData)");
    EXPECT_EQ(asked("renamePet", R"({"petId": 7, "name": "x", "nam": 1})").error_value().message,
              "operation \"renamePet\": has no parameter \"nam\"");
    EXPECT_EQ(asked("addPhoto", R"({"petId": 7})").error_value().code,
              base::error_code::unsupported);
}

}  // namespace
}  // namespace sluice::manifest
