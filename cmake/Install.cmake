# What an installation holds: the two programs, example configurations, the systemd units. `cpack -G DEB` makes a Debian package of it.
include(GNUInstallDirs)
set(ss_etc ${CMAKE_INSTALL_FULL_SYSCONFDIR}/shadowsocks-asio)

foreach(program ss-local ss-server)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
    configure_file(packaging/systemd/${program}@.service.in ${CMAKE_BINARY_DIR}/generated/${program}@.service @ONLY)
    install(FILES ${CMAKE_BINARY_DIR}/generated/${program}@.service DESTINATION lib/systemd/system)
  endif()
endforeach()
install(DIRECTORY config/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples FILES_MATCHING PATTERN "*.json")
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)
install(FILES docs/CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
# Where the units look for NAME.json. Its files hold keys: for root alone, systemd hands a unit the one that it needs.
install(DIRECTORY DESTINATION ${ss_etc} DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
install(FILES packaging/default DESTINATION ${CMAKE_INSTALL_FULL_SYSCONFDIR}/default RENAME shadowsocks-asio)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME shadowsocks-asio)
set(CPACK_PACKAGE_VENDOR "shadowsocks-asio contributors")
set(CPACK_PACKAGE_CONTACT "shadowsocks-asio contributors <maintainers@shadowsocks-asio.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Shadowsocks pair: ss-local and ss-server")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
  "ss-local offers SOCKS5 on this machine, encrypts and sends to ss-server, which
 decrypts and connects to the target. Both speak standard Shadowsocks with every
 AEAD and 2022 method. They run from hardened systemd units, one per file in
 /etc/shadowsocks-asio.")
# Both packages have /usr/bin/ss-local and /usr/bin/ss-server.
set(CPACK_DEBIAN_PACKAGE_CONFLICTS shadowsocks-libev)
set(CPACK_DEBIAN_PACKAGE_REPLACES shadowsocks-libev)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${CMAKE_SOURCE_DIR}/packaging/debian/conffiles
  ${CMAKE_SOURCE_DIR}/packaging/debian/postinst
  ${CMAKE_SOURCE_DIR}/packaging/debian/prerm
  ${CMAKE_SOURCE_DIR}/packaging/debian/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
