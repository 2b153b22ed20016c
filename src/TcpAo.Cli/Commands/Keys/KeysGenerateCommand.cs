using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using TcpAo.Cli.Output.Keys;
using TcpAo.Crypto;
using TcpAo.Hosting.KeyFiles;

namespace TcpAo.Cli.Commands.Keys;

/// <summary><c>tcpao keys generate</c>: a random master key, or a key-encryption key.</summary>
internal sealed class KeysGenerateCommand : Command
{
    private readonly Option<string?> _algorithm = KeysOptions.Algorithm(MacAlgorithms.HmacSha1.Name);
    private readonly Option<bool> _text = new("--text") { Description = "letters and digits of the same strength, as routers take them, instead of hex digits" };
    private readonly Option<bool> _kek = new("--kek") { Description = "a key-encryption key for 'keys wrap' instead" };
    private readonly Option<string?> _out = new("--out", "-o") { Description = "make this file, mode 0600, instead of writing to standard output", HelpName = "FILE" };
    private readonly Option<bool> _json = KeysOptions.Json();
    private readonly Func<Stream> _openOutput;

    public KeysGenerateCommand(Func<Stream> openOutput)
        : base("generate", "Make a random key of the right length for an algorithm (edits nothing)")
    {
        _openOutput = openOutput;
        Add(_algorithm);
        Add(_text);
        Add(_kek);
        Add(_out);
        Add(_json);
        SetAction(Run);
    }

    private int Run(ParseResult parsed)
    {
        MacAlgorithm algorithm = KeysOptions.AlgorithmOf(parsed.GetValue(_algorithm)) ?? MacAlgorithms.HmacSha1;
        bool isKek = parsed.GetValue(_kek);
        bool isText = parsed.GetValue(_text);
        string? file = parsed.GetValue(_out);
        if (isKek && (isText || parsed.GetValue(_algorithm) is not null))
        {
            throw new UserErrorException("--kek stands without --text and --algorithm: a key-encryption key is 64 hex digits", ExitCodes.Usage);
        }

        if (file is null && parsed.GetValue(_json))
        {
            throw new UserErrorException("--json needs --out FILE: no JSON holds a secret", ExitCodes.Usage);
        }

        byte[] content = isKek ? Line(KeyGenerator.GenerateKek()) : Content(algorithm, isText);
        try
        {
            using Stream output = _openOutput();
            if (file is null)
            {
                output.Write(content);
                return ExitCodes.Success;
            }

            KeysOptions.Guard(() =>
            {
                PrivateFile.Create(file, content);
                return true;
            });
            string form = isKek ? "kek-file" : isText ? "secret-file" : "secret-hex-file";
            if (parsed.GetValue(_json))
            {
                KeysJson.Write(output, Name, writer =>
                {
                    writer.WriteString("file", file);
                    writer.WriteString("form", form);
                    writer.WriteString("algorithm", isKek ? null : algorithm.Name);
                });
            }
            else
            {
                Console.Error.WriteLine($"tcpao: {file} is made, mode 0600; in a configuration: {form}: {file}");
            }

            return ExitCodes.Success;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    private static byte[] Content(MacAlgorithm algorithm, bool isText)
    {
        using Secret secret = KeyGenerator.Generate(algorithm, isText);
        byte[] bytes = new byte[secret.Length];
        secret.CopyTo(bytes);
        byte[] line = isText ? [.. bytes, (byte)'\n'] : Line(Convert.ToHexStringLower(bytes));
        CryptographicOperations.ZeroMemory(bytes);
        return line;
    }

    private static byte[] Line(string text) => Encoding.ASCII.GetBytes($"{text}\n");
}
