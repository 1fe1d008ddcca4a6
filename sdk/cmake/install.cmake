# cmake --install BUILD --component sluice_sdk [--prefix DIR]
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(SLUICE_SDK_DATA ${CMAKE_INSTALL_DATADIR}/sluice)
set(SLUICE_SDK_TOOLS ${CMAKE_INSTALL_LIBEXECDIR}/sluice)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/SluiceSdk)

configure_package_config_file(cmake/SluiceSdkConfig.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/SluiceSdkConfig.cmake INSTALL_DESTINATION ${package}
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR SLUICE_SDK_DATA SLUICE_SDK_TOOLS)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/SluiceSdkConfigVersion.cmake
  VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion)

install(FILES ${CMAKE_CURRENT_BINARY_DIR}/SluiceSdkConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/SluiceSdkConfigVersion.cmake cmake/sluice_add_connector.cmake
  cmake/connector.map DESTINATION ${package} COMPONENT sluice_sdk)
install(DIRECTORY include/ testing/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  COMPONENT sluice_sdk FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")
install(DIRECTORY testing/ DESTINATION ${SLUICE_SDK_DATA}/testing COMPONENT sluice_sdk
  FILES_MATCHING PATTERN "*.cpp" PATTERN "*.hpp" PATTERN "sources.cmake" PATTERN "include" EXCLUDE)
install(DIRECTORY template/ DESTINATION ${SLUICE_SDK_DATA}/template COMPONENT sluice_sdk)
install(TARGETS sluice_embed_descriptor DESTINATION ${SLUICE_SDK_TOOLS} COMPONENT sluice_sdk)
