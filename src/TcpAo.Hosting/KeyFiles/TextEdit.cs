namespace TcpAo.Hosting.KeyFiles;

/// <summary>A piece of a text that is replaced by another.</summary>
/// <param name="Start">Where it begins, in characters from 0.</param>
/// <param name="Length">Its characters; 0 inserts.</param>
/// <param name="Text">What stands there afterwards.</param>
internal readonly record struct TextEdit(int Start, int Length, string Text)
{
    /// <summary>The text with all edits made; edits at the same place come in their order.</summary>
    internal static string Apply(string text, IEnumerable<TextEdit> edits)
    {
        int at = 0;
        var result = new System.Text.StringBuilder(text.Length + 1024);
        foreach (TextEdit edit in edits.OrderBy(edit => edit.Start))
        {
            if (edit.Start < at)
            {
                throw new KeyFileException(KeyFileFailure.CannotEdit, "two changes touch the same place of the file; make them by hand");
            }

            result.Append(text, at, edit.Start - at).Append(edit.Text);
            at = edit.Start + edit.Length;
        }

        return result.Append(text, at, text.Length - at).ToString();
    }
}
