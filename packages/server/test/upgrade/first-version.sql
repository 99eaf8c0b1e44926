BEGIN TRANSACTION;
CREATE TABLE "acme_accounts" ("id" text primary key, "thumbprint" text not null unique, "jwk" text not null, "status" text not null, "contact" text not null, "terms_agreed" integer not null, "eab_kid" text, "owner_kind" text, "owner_name" text, "created_at" integer not null);
CREATE TABLE "acme_authorizations" ("id" text primary key, "account_id" text not null, "name" text not null, "token" text not null, "status" text not null, "challenge" text, "validated_at" integer, "error" text, "expires_at" integer not null);
CREATE TABLE "acme_eab_keys" ("kid" text primary key, "owner_kind" text not null, "owner_name" text not null, "created_at" integer not null);
INSERT INTO "acme_eab_keys" VALUES('d09b1ee675bce0d2bfe5f559','service','wiki',1748699070281);
CREATE TABLE "acme_orders" ("id" text primary key, "account_id" text not null, "status" text not null, "names" text not null, "authorizations" text not null, "not_before" integer, "not_after" integer, "replaces" text, "certificate" text, "created_at" integer not null, "expires_at" integer not null, "kept_until" integer not null);
CREATE TABLE "api_keys" ("id" text primary key, "name" text not null unique, "secret_hash" text not null, "roles" text not null, "created_at" integer not null, "expires_at" integer, "last_used_at" integer);
INSERT INTO "api_keys" VALUES('hkq7b5tbzgo7luvy','robot','02156458029a105ec00d18aa49603159dfe41ac78ffcc8844d92b02ae0c9c0be','["user"]',1748699062388,NULL,1748699070518);
CREATE TABLE "audit_entries" ("seq" integer primary key, "time" integer not null, "type" text not null, "actor" text not null, "outcome" text not null, "subject" text, "data" text not null, "hash" text not null);
INSERT INTO "audit_entries" VALUES(1,1748699053130,'ca.certificate_issued','{"kind":"system","name":"gatehouse"}','success','4197269167efae52858c074c6e35eca4fde72711','{"profile":"root","names":[],"notAfter":"2035-05-29T13:39:13.000Z"}','de1116d2971496bb5610e7898ac2ea2378629fb330ae848ee4fdc9d26adf1b15');
INSERT INTO "audit_entries" VALUES(2,1748699053132,'ca.certificate_issued','{"kind":"system","name":"gatehouse"}','success','41972691682678bc142178beee096c91f2f0e3ef','{"profile":"intermediate","names":[],"notAfter":"2030-05-30T13:39:13.000Z"}','332e709a605c9ef0e85bb30880773e0bcd5bb4d617fd0ed4307b5ac7919f04c0');
INSERT INTO "audit_entries" VALUES(3,1748699053281,'ca.crl_published','{"kind":"system","name":"gatehouse"}','success','035f47fa9881835efb9811cdf788f90f27c149a5','{"number":1,"entries":0}','25d14cf61adfdee9d4b49c4e900bc9851337d9da3c1dbb5d59f7c0a43a96db89');
INSERT INTO "audit_entries" VALUES(4,1748699053306,'ca.crl_published','{"kind":"system","name":"gatehouse"}','success','405b13e0920e4dde3dc90cbf35a6d72cd9f23c38','{"number":1,"entries":0}','2902253b7a5c209554cb65b69ca87938a93a57493e5c345dd4ef67a72cacbeaf');
INSERT INTO "audit_entries" VALUES(5,1748699053394,'ca.certificate_issued','{"kind":"system","name":"gatehouse"}','success','41972691693bcfabe32d551e6feefe24fae3dd55','{"profile":"server","names":["localhost","127.0.0.1","::1"],"notAfter":"2025-06-30T13:39:13.000Z"}','93f99626bc757abb0eafeb384c8bb6be915d12f8ab4cc12d1350b807d7d86254');
INSERT INTO "audit_entries" VALUES(6,1748699053445,'ca.certificate_issued','{"kind":"system","name":"gatehouse"}','success','4197269169a06a82da6e3b8270e5ea64aa7db7f0','{"profile":"ocsp","names":[],"notAfter":"2025-06-07T13:44:13.000Z"}','60838092e9321d0bc0cfd4326bbfe89911024f469b80683f9e77be1a3574340e');
INSERT INTO "audit_entries" VALUES(7,1748699054100,'identity.user_created','{"kind":"system","name":"gatehouse"}','success','admin','{"roles":["admin"]}','bc6a7d696271deaf338989ebba1c622615f04bd4fc5ce3f1a5c126d82762c908');
INSERT INTO "audit_entries" VALUES(8,1748699059131,'identity.user_created','{"kind":"operator","name":"local","address":"socket"}','success','alice','{"roles":["user"]}','5b94400cb817fbd4f16a21fffb2fc82acca4cdec3a9d03b843afdefa0ab6b431');
INSERT INTO "audit_entries" VALUES(9,1748699061146,'identity.user_created','{"kind":"operator","name":"local","address":"socket"}','success','carol','{"roles":["auditor"]}','99dcb80e152f8e3904a3f5c6f7500dbf231833eedad42709a54f06ee533ec5e5');
INSERT INTO "audit_entries" VALUES(10,1748699062390,'identity.key_created','{"kind":"operator","name":"local","address":"socket"}','success','robot','{"id":"hkq7b5tbzgo7luvy","roles":["user"],"expiresAt":null}','1c01dfe59081ddea64bfc83bcde89edf1e84613cb7bab3b278a8dc3ce9be7c6e');
INSERT INTO "audit_entries" VALUES(11,1748699063422,'identity.key_created','{"kind":"operator","name":"local","address":"socket"}','success','old-robot','{"id":"mk46j3whaewuvwzd","roles":["user"],"expiresAt":null}','4fd5b52a668074bbbff1d593037f814df0bf35a4fc5c31ad43845a2604a4aa0e');
INSERT INTO "audit_entries" VALUES(12,1748699064671,'identity.key_revoked','{"kind":"operator","name":"local","address":"socket"}','success','old-robot','{"id":"mk46j3whaewuvwzd"}','8146d430002d5ee1145a3f0261784da04acf9d3ecda74d8d2f6aa128bf6b6de1');
INSERT INTO "audit_entries" VALUES(13,1748699066062,'identity.service_created','{"kind":"system","name":"gatehouse"}','success','build-farm','{"roles":["user"]}','9a4dddb1a14b6fa043288b8586e3587cafef7197930a124c07a6687b4f28915b');
INSERT INTO "audit_entries" VALUES(14,1748699066066,'ca.certificate_issued','{"kind":"operator","name":"local","address":"socket"}','success','419726919aefae51f1d0f561685e123284e17434','{"profile":"client","names":["build-farm"],"notAfter":"2025-06-01T13:44:26.000Z","owner":{"kind":"service","name":"build-farm"}}','bf8e933090ef35e3efb26ffdc43e08528e45cd2f269f7c1099fffdadb74e68f6');
INSERT INTO "audit_entries" VALUES(15,1748699067005,'ca.certificate_issued','{"kind":"operator","name":"local","address":"socket"}','success','419726919e9a2c2fec682c4710290e22167a3d35','{"profile":"server","names":["wiki.example.internal"],"notAfter":"2025-06-01T13:44:27.000Z"}','78d5414c4c83d5eff1d6ff35a4fcd60a119345b1c9762368bd1c65910fe0342c');
INSERT INTO "audit_entries" VALUES(16,1748699068335,'ca.certificate_issued','{"kind":"operator","name":"local","address":"socket"}','success','41972691a3cd50a4c5fa0a230232d6cbbc0c4de3','{"profile":"server","names":["gone.example.internal"],"notAfter":"2025-06-01T13:44:28.000Z"}','5fe78510ad6ef6c13b888af64ca81bdab765c9af755a09836ce991f3b0b739f5');
INSERT INTO "audit_entries" VALUES(17,1748699069556,'ca.certificate_revoked','{"kind":"operator","name":"local","address":"socket"}','success','41972691a3cd50a4c5fa0a230232d6cbbc0c4de3','{"profile":"server","names":["gone.example.internal"],"reason":"unspecified","crlNumber":2}','c32666088291b0689b2361097041a78467b01fbc806bf19a156a083c575d9726');
INSERT INTO "audit_entries" VALUES(18,1748699070281,'identity.service_created','{"kind":"system","name":"gatehouse"}','success','wiki','{"roles":["user"]}','cea894c1490e0e3267069dbf80dbcb7f1b8661afc90df81b713ffa9f49959f3a');
INSERT INTO "audit_entries" VALUES(19,1748699070282,'acme.eab_created','{"kind":"operator","name":"local","address":"socket"}','success','d09b1ee675bce0d2bfe5f559','{"owner":{"kind":"service","name":"wiki"}}','3d0623e471167596a2a328164886b4f9de58d60380de4de99c17568534de7104');
INSERT INTO "audit_entries" VALUES(20,1748699070417,'gateway.request_denied','{"kind":"anonymous","name":"anonymous","address":"127.0.0.1"}','failure','1:/*','{"code":"credential_invalid","reason":"credential_invalid","method":"GET","path":"/","route":"1:/*","requestId":"0ea4fa9a-76ff-4ef6-a14a-fcca53efbbd7"}','ac2960db3abf9ff5a0010faf09cffb6d3ef54ca09de3e6b83e1e99cacdc7a24d');
INSERT INTO "audit_entries" VALUES(21,1748699070518,'identity.key_used','{"kind":"service","name":"robot","address":"127.0.0.1"}','success','robot','{"id":"hkq7b5tbzgo7luvy","requestId":"fbe6ef17-545d-4f6e-8c40-7cc259f8cd73"}','63559e7b83f12772958ca06542e2299675e5838425564723ab25c699c7587767');
INSERT INTO "audit_entries" VALUES(22,1748699070635,'gateway.request_denied','{"kind":"anonymous","name":"anonymous","address":"127.0.0.1"}','failure','1:/*','{"code":"credential_invalid","reason":"credential_invalid","method":"GET","path":"/x","route":"1:/*","requestId":"5c0389cc-f038-47f4-9706-75d974362241"}','336a111eb00f053f4c5333bb66842fbee226b6186d7227e2eb2b5c6434adc79c');
CREATE TABLE "audit_head" ("id" integer primary key, "seq" integer not null, "hash" text not null, "mac" text not null);
INSERT INTO "audit_head" VALUES(1,22,'336a111eb00f053f4c5333bb66842fbee226b6186d7227e2eb2b5c6434adc79c','a35057e42dbe0af913000b15cef1b0b8f645f1308f1cbc8834dff34577f589d0');
CREATE TABLE "ca_certificates" ("serial_number" text primary key, "profile" text not null, "names" text not null, "not_before" integer not null, "not_after" integer not null, "issued_at" integer not null, "certificate" text not null, "issuer_id" text, "owner_kind" text, "owner_name" text, "source" text, "revoked_at" integer, "reason" text, "warn_at" integer);
INSERT INTO "ca_certificates" VALUES('4197269167efae52858c074c6e35eca4fde72711','root','[]',1748698753000,2064058753000,1748699053092,'-----BEGIN CERTIFICATE-----
MIIBnjCCAUSgAwIBAgIUQZcmkWfvrlKFjAdMbjXspP3nJxEwCgYIKoZIzj0EAwIw
LTESMBAGA1UECgwJR2F0ZWhvdXNlMRcwFQYDVQQDDA5HYXRlaG91c2UgUm9vdDAe
Fw0yNTA1MzExMzM5MTNaFw0zNTA1MjkxMzM5MTNaMC0xEjAQBgNVBAoMCUdhdGVo
b3VzZTEXMBUGA1UEAwwOR2F0ZWhvdXNlIFJvb3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARZQ9mrEDjH3DVqLw2UuyVNRybk2mv1GMi0t5CenqZJqoOruy/NlmZL
TJUqcFwBkINviW1lIJtgpv9ZitdCKIxMo0IwQDAPBgNVHRMBAf8EBTADAQH/MA4G
A1UdDwEB/wQEAwIBBjAdBgNVHQ4EFgQUA19H+piBg177mBHN94j5DyfBSaUwCgYI
KoZIzj0EAwIDSAAwRQIgeyLlyOTrMrZYhaj0upU40WCxNHq17BU5vCqyWeVVROQC
IQDPEuxbaaLO5X4wsxhuSCONIQoxMF5xwQukKp2S+wwdlA==
-----END CERTIFICATE-----
','035f47fa9881835efb9811cdf788f90f27c149a5',NULL,NULL,'system',NULL,NULL,NULL);
INSERT INTO "ca_certificates" VALUES('41972691682678bc142178beee096c91f2f0e3ef','intermediate','[]',1748698753000,1906378753000,1748699053132,'-----BEGIN CERTIFICATE-----
MIICjTCCAjKgAwIBAgIUQZcmkWgmeLwUIXi+7glskfLw4+8wCgYIKoZIzj0EAwIw
LTESMBAGA1UECgwJR2F0ZWhvdXNlMRcwFQYDVQQDDA5HYXRlaG91c2UgUm9vdDAe
Fw0yNTA1MzExMzM5MTNaFw0zMDA1MzAxMzM5MTNaMDUxEjAQBgNVBAoMCUdhdGVo
b3VzZTEfMB0GA1UEAwwWR2F0ZWhvdXNlIEludGVybWVkaWF0ZTBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABCyiVwvtXuaYO7lVZtZ7bHrjQ3mSKp5UNoIx/gXI+SUY
3gH6uIR2xqtuLiD25YHsFbXFiMZVAvkZ9DiB2S9menKjggEmMIIBIjASBgNVHRMB
Af8ECDAGAQH/AgEAMA4GA1UdDwEB/wQEAwIBBjBiBggrBgEFBQcBAQRWMFQwUgYI
KwYBBQUHMAKGRmh0dHA6Ly9sb2NhbGhvc3Q6MTg0NDUvY2EvMDM1ZjQ3ZmE5ODgx
ODM1ZWZiOTgxMWNkZjc4OGY5MGYyN2MxNDlhNS5jZXIwWAYDVR0fBFEwTzBNoEug
SYZHaHR0cDovL2xvY2FsaG9zdDoxODQ0NS9jcmwvMDM1ZjQ3ZmE5ODgxODM1ZWZi
OTgxMWNkZjc4OGY5MGYyN2MxNDlhNS5jcmwwHwYDVR0jBBgwFoAUA19H+piBg177
mBHN94j5DyfBSaUwHQYDVR0OBBYEFEBbE+CSDk3ePckMvzWm1yzZ8jw4MAoGCCqG
SM49BAMCA0kAMEYCIQCPHtUD5siGAyEP7tduLOYJa1TNtKPu+o85xxGGZ2yHrQIh
AILMljzZQtQWl9z3ZqiId8IUZX9wQOtKW2+t/ONYUu19
-----END CERTIFICATE-----
','035f47fa9881835efb9811cdf788f90f27c149a5',NULL,NULL,'system',NULL,NULL,NULL);
INSERT INTO "ca_certificates" VALUES('41972691693bcfabe32d551e6feefe24fae3dd55','server','["localhost","127.0.0.1","::1"]',1748698753000,1751290753000,1748699053394,'-----BEGIN CERTIFICATE-----
MIICzDCCAnKgAwIBAgIUQZcmkWk7z6vjLVUeb+7+JPrj3VUwCgYIKoZIzj0EAwIw
NTESMBAGA1UECgwJR2F0ZWhvdXNlMR8wHQYDVQQDDBZHYXRlaG91c2UgSW50ZXJt
ZWRpYXRlMB4XDTI1MDUzMTEzMzkxM1oXDTI1MDYzMDEzMzkxM1owFDESMBAGA1UE
AwwJbG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE0DnSUWWDkNRD
ATewQOsoDsGYylFzGi7ObWxhjBtpCesxkbSDvZ+4Pl9y9Upw8pyaUbMwLbSvBugG
V/UbEA5cwaOCAX8wggF7MA4GA1UdDwEB/wQEAwIHgDATBgNVHSUEDDAKBggrBgEF
BQcDATCBiwYIKwYBBQUHAQEEfzB9MCcGCCsGAQUFBzABhhtodHRwOi8vbG9jYWxo
b3N0OjE4NDQ1L29jc3AwUgYIKwYBBQUHMAKGRmh0dHA6Ly9sb2NhbGhvc3Q6MTg0
NDUvY2EvNDA1YjEzZTA5MjBlNGRkZTNkYzkwY2JmMzVhNmQ3MmNkOWYyM2MzOC5j
ZXIwWAYDVR0fBFEwTzBNoEugSYZHaHR0cDovL2xvY2FsaG9zdDoxODQ0NS9jcmwv
NDA1YjEzZTA5MjBlNGRkZTNkYzkwY2JmMzVhNmQ3MmNkOWYyM2MzOC5jcmwwHwYD
VR0jBBgwFoAUQFsT4JIOTd49yQy/NabXLNnyPDgwHQYDVR0OBBYEFEb4lhQcYNlL
GYt+uFhbj+K8D+o/MCwGA1UdEQQlMCOCCWxvY2FsaG9zdIcEfwAAAYcQAAAAAAAA
AAAAAAAAAAAAATAKBggqhkjOPQQDAgNIADBFAiADqn80Ebed81Dwmo3ZTlo0zSYt
pWczmSmqQeYBT/StbwIhAJzxnMwkudPVFAKZVlyG/f9fKoguHxOlXu1UTUHvEg9E
-----END CERTIFICATE-----
','405b13e0920e4dde3dc90cbf35a6d72cd9f23c38',NULL,NULL,'system',NULL,NULL,NULL);
INSERT INTO "ca_certificates" VALUES('4197269169a06a82da6e3b8270e5ea64aa7db7f0','ocsp','[]',1748698753000,1749303853000,1748699053445,'-----BEGIN CERTIFICATE-----
MIIB3DCCAYKgAwIBAgIUQZcmkWmgaoLabjuCcOXqZKp9t/AwCgYIKoZIzj0EAwIw
NTESMBAGA1UECgwJR2F0ZWhvdXNlMR8wHQYDVQQDDBZHYXRlaG91c2UgSW50ZXJt
ZWRpYXRlMB4XDTI1MDUzMTEzMzkxM1oXDTI1MDYwNzEzNDQxM1owLTESMBAGA1UE
CgwJR2F0ZWhvdXNlMRcwFQYDVQQDDA5HYXRlaG91c2UgT0NTUDBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABNb1I0lerQJA7pDCL4xoenEYDalJpoVC0DUTnNPHrvlj
hboXYRY3n25BEr+eER+NXdIfPuvlkXB3TBB/pbOlmuajeDB2MA4GA1UdDwEB/wQE
AwIHgDATBgNVHSUEDDAKBggrBgEFBQcDCTAPBgkrBgEFBQcwAQUEAgUAMB8GA1Ud
IwQYMBaAFEBbE+CSDk3ePckMvzWm1yzZ8jw4MB0GA1UdDgQWBBSqAh+KLtky/3D4
LeBsA4SyB9XFVzAKBggqhkjOPQQDAgNIADBFAiAsol/v/q0iyIbYUtJcslf83W5s
FOr7hXFucNzpOMyCNQIhAKzf+NaLUzJ08nmXz8FbdPKcT4uKDr0B4u7fvIPMKxTr
-----END CERTIFICATE-----
','405b13e0920e4dde3dc90cbf35a6d72cd9f23c38',NULL,NULL,'system',NULL,NULL,NULL);
INSERT INTO "ca_certificates" VALUES('419726919aefae51f1d0f561685e123284e17434','client','["build-farm"]',1748698766000,1748785466000,1748699066063,'-----BEGIN CERTIFICATE-----
MIICzTCCAnKgAwIBAgIUQZcmkZrvrlHx0PVhaF4SMoThdDQwCgYIKoZIzj0EAwIw
NTESMBAGA1UECgwJR2F0ZWhvdXNlMR8wHQYDVQQDDBZHYXRlaG91c2UgSW50ZXJt
ZWRpYXRlMB4XDTI1MDUzMTEzMzkyNloXDTI1MDYwMTEzNDQyNlowFTETMBEGA1UE
AwwKYnVpbGQtZmFybTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABBaNlD44F/ji
8wZacrXxBeNOljPMwpyZ7YV8ZoANtI6e3wYS8npYlZT+QJUV6IJGERqllk/9mjhW
uweH7Z7quBmjggF+MIIBejAOBgNVHQ8BAf8EBAMCB4AwEwYDVR0lBAwwCgYIKwYB
BQUHAwIwgYsGCCsGAQUFBwEBBH8wfTAnBggrBgEFBQcwAYYbaHR0cDovL2xvY2Fs
aG9zdDoxODQ0NS9vY3NwMFIGCCsGAQUFBzAChkZodHRwOi8vbG9jYWxob3N0OjE4
NDQ1L2NhLzQwNWIxM2UwOTIwZTRkZGUzZGM5MGNiZjM1YTZkNzJjZDlmMjNjMzgu
Y2VyMFgGA1UdHwRRME8wTaBLoEmGR2h0dHA6Ly9sb2NhbGhvc3Q6MTg0NDUvY3Js
LzQwNWIxM2UwOTIwZTRkZGUzZGM5MGNiZjM1YTZkNzJjZDlmMjNjMzguY3JsMB8G
A1UdIwQYMBaAFEBbE+CSDk3ePckMvzWm1yzZ8jw4MB0GA1UdDgQWBBRgcgmwZl2u
5+GRXhKLD8XR3jFKhzArBgNVHREEJDAihiB1cm46Z2F0ZWhvdXNlOnNlcnZpY2U6
YnVpbGQtZmFybTAKBggqhkjOPQQDAgNJADBGAiEA179NXhu9Qhuy5VyeCkrlus0Z
rmU5nZ9234UfoEPs2QUCIQCSObLHJVWdwQ2YxCaCul4LkOkA0D9EIXuxniHgy741
ew==
-----END CERTIFICATE-----
','405b13e0920e4dde3dc90cbf35a6d72cd9f23c38','service','build-farm','admin',NULL,NULL,1748776796000);
INSERT INTO "ca_certificates" VALUES('419726919e9a2c2fec682c4710290e22167a3d35','server','["wiki.example.internal"]',1748698767000,1748785467000,1748699067002,'-----BEGIN CERTIFICATE-----
MIICzDCCAnKgAwIBAgIUQZcmkZ6aLC/saCxHECkOIhZ6PTUwCgYIKoZIzj0EAwIw
NTESMBAGA1UECgwJR2F0ZWhvdXNlMR8wHQYDVQQDDBZHYXRlaG91c2UgSW50ZXJt
ZWRpYXRlMB4XDTI1MDUzMTEzMzkyN1oXDTI1MDYwMTEzNDQyN1owIDEeMBwGA1UE
AwwVd2lraS5leGFtcGxlLmludGVybmFsMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
QgAE1ZZvKuCJr+lsjbII6qVsb3EQ9RnuywecLYwUQLdWimcx6knXxrC2IV6Z0Oyn
Upr+wFLSflTqDSWBCcx42JrQJ6OCAXMwggFvMA4GA1UdDwEB/wQEAwIHgDATBgNV
HSUEDDAKBggrBgEFBQcDATCBiwYIKwYBBQUHAQEEfzB9MCcGCCsGAQUFBzABhhto
dHRwOi8vbG9jYWxob3N0OjE4NDQ1L29jc3AwUgYIKwYBBQUHMAKGRmh0dHA6Ly9s
b2NhbGhvc3Q6MTg0NDUvY2EvNDA1YjEzZTA5MjBlNGRkZTNkYzkwY2JmMzVhNmQ3
MmNkOWYyM2MzOC5jZXIwWAYDVR0fBFEwTzBNoEugSYZHaHR0cDovL2xvY2FsaG9z
dDoxODQ0NS9jcmwvNDA1YjEzZTA5MjBlNGRkZTNkYzkwY2JmMzVhNmQ3MmNkOWYy
M2MzOC5jcmwwHwYDVR0jBBgwFoAUQFsT4JIOTd49yQy/NabXLNnyPDgwHQYDVR0O
BBYEFFbBO0UQIdmUAdTmd6j+74KXZXpFMCAGA1UdEQQZMBeCFXdpa2kuZXhhbXBs
ZS5pbnRlcm5hbDAKBggqhkjOPQQDAgNIADBFAiEAtZMqSwclAq44dEThJyBzX2Gg
6227UI1gWResIgVV2TECIA7UMRjAuQ7pSAax+mHRJse1kL2+BFTCA6/dM8eH9uoZ
-----END CERTIFICATE-----
','405b13e0920e4dde3dc90cbf35a6d72cd9f23c38',NULL,NULL,'admin',NULL,NULL,1748776797000);
INSERT INTO "ca_certificates" VALUES('41972691a3cd50a4c5fa0a230232d6cbbc0c4de3','server','["gone.example.internal"]',1748698768000,1748785468000,1748699068333,'-----BEGIN CERTIFICATE-----
MIICzTCCAnKgAwIBAgIUQZcmkaPNUKTF+gojAjLWy7wMTeMwCgYIKoZIzj0EAwIw
NTESMBAGA1UECgwJR2F0ZWhvdXNlMR8wHQYDVQQDDBZHYXRlaG91c2UgSW50ZXJt
ZWRpYXRlMB4XDTI1MDUzMTEzMzkyOFoXDTI1MDYwMTEzNDQyOFowIDEeMBwGA1UE
AwwVZ29uZS5leGFtcGxlLmludGVybmFsMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
QgAENBenHHBIP19YAArg/A4YxVCdJ8h9yVDJ/7ORLSLVRKqmkn8Z/hJNxnko749f
Sct/KAs4UhbVRaqB0KhZ23eAXaOCAXMwggFvMA4GA1UdDwEB/wQEAwIHgDATBgNV
HSUEDDAKBggrBgEFBQcDATCBiwYIKwYBBQUHAQEEfzB9MCcGCCsGAQUFBzABhhto
dHRwOi8vbG9jYWxob3N0OjE4NDQ1L29jc3AwUgYIKwYBBQUHMAKGRmh0dHA6Ly9s
b2NhbGhvc3Q6MTg0NDUvY2EvNDA1YjEzZTA5MjBlNGRkZTNkYzkwY2JmMzVhNmQ3
MmNkOWYyM2MzOC5jZXIwWAYDVR0fBFEwTzBNoEugSYZHaHR0cDovL2xvY2FsaG9z
dDoxODQ0NS9jcmwvNDA1YjEzZTA5MjBlNGRkZTNkYzkwY2JmMzVhNmQ3MmNkOWYy
M2MzOC5jcmwwHwYDVR0jBBgwFoAUQFsT4JIOTd49yQy/NabXLNnyPDgwHQYDVR0O
BBYEFI9YqyJil2kgGK8aXTDzGuuLzNrhMCAGA1UdEQQZMBeCFWdvbmUuZXhhbXBs
ZS5pbnRlcm5hbDAKBggqhkjOPQQDAgNJADBGAiEA0q4luW42En5y79q5xZtgTB5F
o244af9ahRCQHVJwiHYCIQCTG1jyjj2kDe1zKQ5+cDxeEEil2fqNmvS7D/BIgtHZ
1A==
-----END CERTIFICATE-----
','405b13e0920e4dde3dc90cbf35a6d72cd9f23c38',NULL,NULL,'admin',1748699069527,'unspecified',NULL);
CREATE TABLE "ca_compromised_keys" ("spki_sha256" text primary key);
CREATE TABLE "ca_hierarchy" ("id" text primary key, "role" text not null, "state" text not null, "certificate" text, "key_name" text, "crl_number" integer default 0 not null, "created_at" integer not null);
INSERT INTO "ca_hierarchy" VALUES('035f47fa9881835efb9811cdf788f90f27c149a5','root','active','-----BEGIN CERTIFICATE-----
MIIBnjCCAUSgAwIBAgIUQZcmkWfvrlKFjAdMbjXspP3nJxEwCgYIKoZIzj0EAwIw
LTESMBAGA1UECgwJR2F0ZWhvdXNlMRcwFQYDVQQDDA5HYXRlaG91c2UgUm9vdDAe
Fw0yNTA1MzExMzM5MTNaFw0zNTA1MjkxMzM5MTNaMC0xEjAQBgNVBAoMCUdhdGVo
b3VzZTEXMBUGA1UEAwwOR2F0ZWhvdXNlIFJvb3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARZQ9mrEDjH3DVqLw2UuyVNRybk2mv1GMi0t5CenqZJqoOruy/NlmZL
TJUqcFwBkINviW1lIJtgpv9ZitdCKIxMo0IwQDAPBgNVHRMBAf8EBTADAQH/MA4G
A1UdDwEB/wQEAwIBBjAdBgNVHQ4EFgQUA19H+piBg177mBHN94j5DyfBSaUwCgYI
KoZIzj0EAwIDSAAwRQIgeyLlyOTrMrZYhaj0upU40WCxNHq17BU5vCqyWeVVROQC
IQDPEuxbaaLO5X4wsxhuSCONIQoxMF5xwQukKp2S+wwdlA==
-----END CERTIFICATE-----
','ca/authority/035f47fa9881835efb9811cdf788f90f27c149a5',1,1748699053092);
INSERT INTO "ca_hierarchy" VALUES('405b13e0920e4dde3dc90cbf35a6d72cd9f23c38','intermediate','active','-----BEGIN CERTIFICATE-----
MIICjTCCAjKgAwIBAgIUQZcmkWgmeLwUIXi+7glskfLw4+8wCgYIKoZIzj0EAwIw
LTESMBAGA1UECgwJR2F0ZWhvdXNlMRcwFQYDVQQDDA5HYXRlaG91c2UgUm9vdDAe
Fw0yNTA1MzExMzM5MTNaFw0zMDA1MzAxMzM5MTNaMDUxEjAQBgNVBAoMCUdhdGVo
b3VzZTEfMB0GA1UEAwwWR2F0ZWhvdXNlIEludGVybWVkaWF0ZTBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABCyiVwvtXuaYO7lVZtZ7bHrjQ3mSKp5UNoIx/gXI+SUY
3gH6uIR2xqtuLiD25YHsFbXFiMZVAvkZ9DiB2S9menKjggEmMIIBIjASBgNVHRMB
Af8ECDAGAQH/AgEAMA4GA1UdDwEB/wQEAwIBBjBiBggrBgEFBQcBAQRWMFQwUgYI
KwYBBQUHMAKGRmh0dHA6Ly9sb2NhbGhvc3Q6MTg0NDUvY2EvMDM1ZjQ3ZmE5ODgx
ODM1ZWZiOTgxMWNkZjc4OGY5MGYyN2MxNDlhNS5jZXIwWAYDVR0fBFEwTzBNoEug
SYZHaHR0cDovL2xvY2FsaG9zdDoxODQ0NS9jcmwvMDM1ZjQ3ZmE5ODgxODM1ZWZi
OTgxMWNkZjc4OGY5MGYyN2MxNDlhNS5jcmwwHwYDVR0jBBgwFoAUA19H+piBg177
mBHN94j5DyfBSaUwHQYDVR0OBBYEFEBbE+CSDk3ePckMvzWm1yzZ8jw4MAoGCCqG
SM49BAMCA0kAMEYCIQCPHtUD5siGAyEP7tduLOYJa1TNtKPu+o85xxGGZ2yHrQIh
AILMljzZQtQWl9z3ZqiId8IUZX9wQOtKW2+t/ONYUu19
-----END CERTIFICATE-----
','ca/authority/405b13e0920e4dde3dc90cbf35a6d72cd9f23c38',2,1748699053131);
CREATE TABLE "ca_last_lists" ("issuer_id" text primary key, "number" integer not null, "der" blob not null, "this_update" integer not null, "next_update" integer not null);
CREATE TABLE "schema_migrations" ("name" text primary key, "applied_at" integer not null);
INSERT INTO "schema_migrations" VALUES('platform/0001-sealed-secrets',1748699052738);
INSERT INTO "schema_migrations" VALUES('audit/0001-ledger',1748699052740);
INSERT INTO "schema_migrations" VALUES('identity/0001-users',1748699052749);
INSERT INTO "schema_migrations" VALUES('identity/0002-api-keys',1748699052750);
INSERT INTO "schema_migrations" VALUES('identity/0003-services',1748699052754);
INSERT INTO "schema_migrations" VALUES('ca/0001-certificates',1748699052754);
INSERT INTO "schema_migrations" VALUES('ca/0002-hierarchy',1748699052788);
INSERT INTO "schema_migrations" VALUES('ca/0003-last-lists',1748699052788);
INSERT INTO "schema_migrations" VALUES('acme/0001-accounts',1748699052798);
INSERT INTO "schema_migrations" VALUES('acme/0002-orders',1748699052803);
INSERT INTO "schema_migrations" VALUES('acme/0003-owned-accounts',1748699052803);
INSERT INTO "schema_migrations" VALUES('acme/0004-open-authorizations',1748699052804);
CREATE TABLE "sealed_secrets" ("name" text primary key, "sealed" text not null, "created_at" integer not null);
INSERT INTO "sealed_secrets" VALUES('identity/token-signing-key','eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwia2lkIjoiV251clpBV19xRG1VIn0..srbXloCIGYKUXe7T.31ccMkVIyuSJPc-7NR_Xba6F8eHf6JmtWsEUQjizFtqzX_cD_v78T9VcY3SHQixMe8Ty8VLI9wmFUBrTBxvCIlKfkXSHcJeJ8Js44QIzG97SCF6Q1jclXaQzp_XhZ289-e4jKWOtuKLonQbnQd1bpK9knhU3uPYqQxrbNBu2_axV4VE6ZOuFDLFY.Q8qhJhZPZkwklqerR38uLA',1748699052994);
INSERT INTO "sealed_secrets" VALUES('ca/authority/035f47fa9881835efb9811cdf788f90f27c149a5','eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwia2lkIjoiV251clpBV19xRG1VIn0..GW_Zi2sbX6mDLiyz.EBt3wjli9oGsu55l-oO_AW_9UgyKpJQec11TMownmhASpI4x53N-8l5a0WGnfgZZUp8L0LR5QupLbbgMFh434QWJtNGprs5RYqmW9OpVVs3U1Od-ZEThrTNC_Jd-nexz-G_Yffr3fbNmEDeLH1Vszzhd8gk130zjqfEV7dUaYaYGQek9yy6b7AR6Va9SNVG81thPuBT0FvDqXcyBxmgzSdt00wkRVHxJ2TD9ZD2JuSCRn5yB2OABuDrbOwgx2q9VDVZZKmHWBmDVkRDX4FVUW-4c5BrHgMptK8P7KnGcQ_ZiPuOM2nXwFAOYkbB959k3HA.eACG_Oy0Ximl-YvnqxfDQw',1748699053091);
INSERT INTO "sealed_secrets" VALUES('ca/authority/405b13e0920e4dde3dc90cbf35a6d72cd9f23c38','eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwia2lkIjoiV251clpBV19xRG1VIn0..SZoFYqjJl8EjbkS9.NT_dd7AYwERGan2qpFegCd1uO5XmLbz-zbyArIhqAK6ZbqB8KFSVeReVUy9ypRSdBv98g4-kcJAi_y2Y5N6AthWwBaLKCZZEuQRqQva_MzLSs1n-kAiFBrkXAjS8U6orphnNtjknlrHWs0-RayXy540pNeAKtDDu1coVQKstm-DW-JQyj3MAAxsizSmUPHIk5HBS7Y85t70GJSmwWpK_zlsNfGuOVH5W_BE6iD-1c1qgwQNa8kcIk6l3fyAkn6NcspKooPWMNst12Q1dA-faDEdTXMi76ee8trPCeq3PICzRpoSo-p1hsprZKyqpB-R5jQ.kN9xItuRv1qTNNNF3FtNwQ',1748699053131);
INSERT INTO "sealed_secrets" VALUES('gateway/assertion-key','eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwia2lkIjoiV251clpBV19xRG1VIn0..QkPDZcN7Dza6lIU9.G4cbPZdoBARbXnhXTME_NdQ3Q8tWneQZCbwhvxz2JXRe0D-Qr-TsHBtsmHMjar6uvi34Z3OjCkMTq9KqCZSIoZI-1E8eQl7EnlisnYKDN9ixAAfZ0MKj4h_uVtP19miwYbrzNfmignSAWA52434nYvbKTo2JxnJP_uHcotvb6Tvp-a6rigoIrVojr_1-PIggUbvd_HSLCvevPqNfOGyX-UT5Dvidc7ovVN5MOZhA06ZC3so5UwBnLANX_i3x-R1hQu_mgGPCIrFfj_y7R4Ekuvp5LY-RSUEihPs8p1C6vNeK-8kxNOCWlSP_mmJdvjryXw.VDXZa0GVVuhzWCkctkC5Og',1748699054133);
INSERT INTO "sealed_secrets" VALUES('acme/eab/d09b1ee675bce0d2bfe5f559','eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwia2lkIjoiV251clpBV19xRG1VIn0..YhLf4kYZq1X5Zk4G.GpkZEGVsJfRmTkmH5wJZErExJmHQ8nRaQjC5XVwhLZU.LYVmbDQ_AY9L_NuP3Hdi-w',1748699070281);
CREATE TABLE "services" ("name" text primary key, "roles" text not null, "created_at" integer not null);
INSERT INTO "services" VALUES('build-farm','["user"]',1748699066062);
INSERT INTO "services" VALUES('wiki','["user"]',1748699070281);
CREATE TABLE "users" ("name" text primary key, "password_hash" text not null, "roles" text not null, "disabled" integer not null, "created_at" integer not null, "token_epoch" integer not null);
INSERT INTO "users" VALUES('admin','$argon2id$v=19$m=19456,t=2,p=1$+fNQTk1VzSOmePGDhoNudA$yXoi1YRsFYvD/kuT08Wupz8+p1i53qbLGEZ8peTIf54','["admin"]',0,1748699054097,251104741145917);
INSERT INTO "users" VALUES('alice','$argon2id$v=19$m=19456,t=2,p=1$l2cKqeqmdPpjve+Eg4rRUQ$xFvDuapihJswQnYb4iNStrcvmKYNqG1oox8uMLlZMkI','["user"]',0,1748699059129,203448256079046);
INSERT INTO "users" VALUES('carol','$argon2id$v=19$m=19456,t=2,p=1$N870pRSOrLDnq7cEPJLwzA$ixvSFkEafgmmB/VaKX5axc5HdXvRp2jJFXCY4lT+p1U','["auditor"]',0,1748699061145,78705045147207);
CREATE INDEX "ca_certificates_not_after" on "ca_certificates" ("not_after");
CREATE INDEX "ca_certificates_warn_at" on "ca_certificates" ("warn_at");
CREATE INDEX "ca_certificates_issued_at" on "ca_certificates" ("issued_at");
CREATE INDEX "ca_certificates_revoked_at" on "ca_certificates" ("revoked_at") where "revoked_at" is not null;
CREATE INDEX "ca_certificates_owner_name" on "ca_certificates" ("owner_name") where "owner_name" is not null;
CREATE INDEX "acme_authorizations_processing" on "acme_authorizations" ("id") where "status" = 'processing';
CREATE INDEX "acme_orders_account" on "acme_orders" ("account_id", "id");
CREATE INDEX "acme_orders_certificate" on "acme_orders" ("certificate") where "certificate" is not null;
CREATE INDEX "acme_orders_replaces" on "acme_orders" ("replaces") where "replaces" is not null;
CREATE INDEX "acme_accounts_owner" on "acme_accounts" ("owner_name") where "owner_name" is not null;
CREATE INDEX "acme_authorizations_open" on "acme_authorizations" ("account_id", "name") where status in ('pending', 'processing', 'valid');
CREATE INDEX "acme_authorizations_abandoned" on "acme_authorizations" ("account_id", "id") where status in ('invalid', 'deactivated');
COMMIT;
