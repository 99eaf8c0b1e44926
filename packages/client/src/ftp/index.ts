// FTP: what the entry `@gatehouse/client/ftp` offers.
export { type Ftp, type FtpEntry, type FtpOptions, type FtpRequest, type FtpSource, ftp } from './ftp.ts';
