using System.CommandLine;
using System.Security.Cryptography;
using TcpAo.Hosting.KeyFiles;
using TcpAo.KeyChains;

namespace TcpAo.Cli.Commands.Keys;

/// <summary><c>tcpao keys import FILE</c>: takes key chains over from RFC 8177 JSON.</summary>
internal sealed class KeysImportCommand : KeysChangeCommand
{
    private const int LongestFile = 16 * 1024 * 1024;

    private readonly Argument<string> _file = new("file") { Description = "key chains as RFC 7951 JSON; - for standard input", HelpName = "FILE" };
    private readonly Option<string?> _store = new("--store") { Description = "where secrets go: inline, file or wrapped (default: inline, or wrapped where they come wrapped)", HelpName = "WHERE" };

    public KeysImportCommand(Func<Stream> openOutput)
        : base("import", "Take key chains over from RFC 8177 JSON", openOutput)
    {
        _store.AcceptOnlyFromAmong("inline", "file", "wrapped");
        Add(_file);
        Add(_store);
    }

    protected override KeyFileChange Plan(KeyFile file, ParseResult parsed, DateTimeOffset now)
    {
        string path = parsed.GetValue(_file)!;
        byte[] json = Read(path);
        try
        {
            YangKeyChains chains = YangJson.Read(json);
            SecretStorage storage = parsed.GetValue(_store) switch
            {
                "inline" => SecretStorage.Inline,
                "file" => SecretStorage.File,
                "wrapped" => SecretStorage.Wrapped,
                _ => SecretStorage.AsBefore,
            };
            return file.Import(chains, storage);
        }
        catch (YangJsonException error)
        {
            throw new UserErrorException(string.Join("\ntcpao: ", error.Errors.Select(each => $"{path}: {each}")), ExitCodes.Usage);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(json);
        }
    }

    private static byte[] Read(string path)
    {
        try
        {
            using Stream stream = path is "-" ? Console.OpenStandardInput() : File.OpenRead(path);
            using var content = new MemoryStream();
            stream.CopyTo(content);
            return content.Length <= LongestFile ? content.ToArray() : throw new UserErrorException($"{path} has more than {LongestFile} bytes", ExitCodes.Usage);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"cannot read '{path}': {error.Message}", ExitCodes.Usage);
        }
    }
}
