using System.Collections.Immutable;
using TcpAo.Crypto;
using TcpAo.Hosting.Configuration;

namespace TcpAo.Hosting.KeyFiles;

public sealed partial class KeyFile
{
    /// <summary>Wraps all secrets that are not wrapped yet under the key-encryption key.</summary>
    /// <exception cref="KeyFileException">There is no key-encryption key, or the file cannot be changed.</exception>
    public KeyFileChange Wrap()
    {
        KeyEncryptionKey kek = Kek(_reading.Kek);
        return Restore(form => form is not "secret-wrapped", secret => ("secret-wrapped", Convert.ToHexStringLower(kek.Wrap(secret))), "is wrapped", newKekFile: null);
    }

    /// <summary>Writes all wrapped secrets in the clear, as hex digits.</summary>
    /// <exception cref="KeyFileException">The file cannot be changed.</exception>
    public KeyFileChange Unwrap() => Restore(form => form is "secret-wrapped", secret => ("secret-hex", SecretText.Hex(secret)), "stands in the clear", newKekFile: null);

    /// <summary>Wraps all wrapped secrets under another key-encryption key.</summary>
    /// <param name="newKekFile">File of the new key-encryption key.</param>
    /// <exception cref="KeyFileException">It cannot be read, or the file cannot be changed.</exception>
    public KeyFileChange Rewrap(string newKekFile)
    {
        ArgumentNullException.ThrowIfNull(newKekFile);
        KeyEncryptionKey kek = Kek(new KeyEncryptionKeySource(newKekFile));
        return Restore(form => form is "secret-wrapped", secret => ("secret-wrapped", Convert.ToHexStringLower(kek.Wrap(secret))), "is wrapped under the new key", newKekFile);
    }

    private KeyFileChange Restore(Func<string, bool> concerns, Func<Secret, (string Form, string Value)> write, string what, string? newKekFile)
    {
        var edit = new YamlEdit(_text);
        HashSet<string> touched = new(StringComparer.Ordinal);
        List<string> details = [];
        List<string> warnings = [];
        foreach (KeyChainPlace place in _reading.Places)
        {
            for (int index = 0; index < place.Keys.Length; index++)
            {
                ConfigMap map = place.Keys[index];
                string form = SecretReader.Forms.First(map.Has);
                if (!concerns(form))
                {
                    continue;
                }

                (string newForm, string value) = write(place.Chain.Keys[index].Key.MasterKey);
                edit.Replace(map.Node, form, (newForm, FieldValue.Text(value)));
                string path = ConfigTree.PathOf(place.Chain.Name, place.Chain.Keys[index].Id);
                touched.Add($"{path}.{form}");
                touched.Add($"{path}.{newForm}");
                details.Add($"the secret of {place.Chain.Keys[index].Key.Name} {what}");
                if (form is "secret-file" or "secret-hex-file")
                {
                    warnings.Add($"'{Shown.File(map.Find(form)!.Text)}' still holds the secret of {place.Chain.Keys[index].Key.Name} in the clear; remove it when you are sure");
                }
            }
        }

        (byte[] Before, byte[] After) content = Check(edit, new Dictionary<string, ImmutableArray<KeyChains.KeyChainKey>>(StringComparer.Ordinal), touched, [], newKekFile);
        return Change(content, [], null, details, warnings);
    }
}
